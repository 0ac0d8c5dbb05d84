# SPDX-License-Identifier: GPL-2.0-or-later
"""sos: whether this host nests, and the report that its maintainers ask for."""

from sos.report.plugins import (Plugin, DebianPlugin, IndependentPlugin, RedHatPlugin,
                                UbuntuPlugin)


# Before 4.1 an independent plugin counts for no distribution.
class VfioNestctl(Plugin, DebianPlugin, RedHatPlugin, UbuntuPlugin,
                  IndependentPlugin):
    """IOMMU groups, units and findings. No device is opened, and no driver is bound."""

    short_desc = 'Nested IOMMU translation (vfio-nestctl)'
    plugin_name = 'vfio_nestctl'
    profiles = ('hardware', 'virt')
    commands = ('vfio-nestctl',)

    def setup(self):
        # Statuses 1 and 3 are answers: no, and not known.
        self.add_cmd_output('vfio-nestctl report', suggest_filename='report.json')
        self.add_cmd_output('vfio-nestctl check')
        self.add_cmd_output('vfio-nestctl list')

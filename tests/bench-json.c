// SPDX-License-Identifier: GPL-2.0-or-later
/* The least that --from can do: json-c reads the file, and frees it. bench-json FILE */
#include <json-c/json.h>

int main(int argc, char **argv)
{
	struct json_object *root = argc == 2 ? json_object_from_file(argv[1]) : NULL;

	return root && json_object_put(root) ? 0 : 2;
}

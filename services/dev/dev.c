/* SPDX-License-Identifier: MIT */
/*
 * The server of devices that are no hardware: null, zero, full, random, urandom. Started with its
 * endpoint. What a file does depends on its name alone, so what is open stays open when another
 * process takes the server's place.
 */
#include <stdio.h>

#include "lib/file/loop.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "services/dev/random.h"
#include "services/dev/tree.h"

int main(void) {
    static struct file_server server;
    if (start_page->handle_count != 1) {
        fprintf(stderr, "dev: usage: dev, with an endpoint\n");
        return 1;
    }
    generator_start();
    file_server_start(&server, devices_start());
    server.lasting = device_lasting;
    file_server_loop(&server, (struct endpoint_cap){start_page->handles[0]});
}

/* SPDX-License-Identifier: Apache-2.0 */
/* base/unix_socket.h - stream sockets with a path, not blocking, closed on exec. */
#ifndef BASE_UNIX_SOCKET_H
#define BASE_UNIX_SOCKET_H

#include "base/error.h"

/* Listens; the descriptor or -errno.
 * A socket that nobody listens on any more is replaced, one that answers is an error. */
int unix_socket_listen(const char *path, struct error *err);
/* The next client of a listening socket; -EAGAIN when there is none. */
int unix_socket_accept(int fd);
/* Connects (blocking descriptor); the descriptor or -errno. */
int unix_socket_connect(const char *path, struct error *err);

#endif

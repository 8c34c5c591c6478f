#pragma once
/* Swift's module of glibc leaves epoll out. */
#include <sys/epoll.h>

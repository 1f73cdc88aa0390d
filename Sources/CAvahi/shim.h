#pragma once
#include <stddef.h>
#include <avahi-client/client.h>
#include <avahi-client/publish.h>
#include <avahi-common/alternative.h>
#include <avahi-common/error.h>
#include <avahi-common/malloc.h>
#include <avahi-common/simple-watch.h>

// Adds a service of this host to a group, on all interfaces. The library's function is variadic, which Swift cannot call.
static inline int affectd_avahi_add(AvahiEntryGroup *group, const char *name, const char *type, uint16_t port) {
  return avahi_entry_group_add_service(group, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, (AvahiPublishFlags)0, name, type,
                                       NULL, NULL, port, NULL);
}

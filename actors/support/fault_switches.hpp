#pragma once

namespace tessera {

/// What campaigns and the bench switch off by the environment. Only the program `tessera_with_faults` listens
/// (tools/tessera/faults); anywhere else they are false.

/// TESSERA_CLUSTER_LEASES=ignore: two owners of the same accounts are forced.
bool leases_are_ignored();
/// TESSERA_JOURNAL_DISCARD=1: appends go nowhere; what a service without durability would reach.
bool journal_is_discarded();

} // namespace tessera

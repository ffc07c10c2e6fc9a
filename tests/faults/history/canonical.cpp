// The bytes of an entry are the service's own: this target does not link the domain, so it compiles them.
#include "actors/domain/ledger_format.cpp"

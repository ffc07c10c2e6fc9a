#pragma once

#include "actors/domain/draft.hpp"
#include "actors/domain/instructions.hpp"

#include <string>
#include <vector>

/// What decisions on instructions are made of.
namespace tessera {

/// Lots with free units, in burn order, whoever they are for and from when on. None is over: what is has
/// expired.
std::vector<lot> free_lots(const draft& made);
credits free_in(const std::vector<lot>& lots);
/// True when it comes from one of the roots.
bool is_of(const lot& candidate, const std::vector<lot_id>& roots);

void note_asker(entry& booked, const instruction& asked);

/// The hold, if it is one of those that instructions open; null: it is not, or not open.
hold_book::shared_hold find_set_aside(const credit_account& account, std::uint64_t seq);
/// Releases all that is left of a hold, which becomes `state`.
void let_go_of(draft& made, const open_hold& hold, hold_state state, const instruction& asked);

/// As what units leave, and as what they arrive.
struct way {
  entry_type leaves;
  inbox_kind arrives;
};
/// What an instruction moves is an allocation of its own: many accounts may be asked for one purpose. Its
/// name is the same in the entries, in the row that brings it, and in the list of allocations.
std::string allocation_id_of(const instruction& asked);
/// Takes free units out of the account and returns what the receiver is sent.
receive_credits send_on(draft& made, const instruction& asked, way by, std::vector<slice> slices);

// The decisions on holds (hold_instructions.cpp): see instructions.hpp.
result<carried_out> set_aside(const credit_account& account, const instruction& asked, time_point now);
result<carried_out> let_go(const credit_account& account, const instruction& asked, time_point now);
result<carried_out> pay_back(const credit_account& account, const instruction& asked, time_point now);
result<carried_out> move_on(const credit_account& account, const instruction& asked, time_point now);

} // namespace tessera

#pragma once

#include "actors/payment/desk_core.hpp"

namespace tessera {

// INTERNAL: ways to pay that the provider keeps for entities.

/// Makes the entity a customer where it is none yet, and gives it the method.
void attach(desk_core& core, attach_method command, answer_of<saved_method> answer);
/// Lets go of it here first: what the provider then still has pays for nothing.
void detach(desk_core& core, repeatable<detach_method, method_removed> call, answer_of<kept_answer> answer);

} // namespace tessera

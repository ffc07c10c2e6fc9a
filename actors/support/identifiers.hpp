#pragma once

#include "messages/types/time.hpp"
#include "messages/types/uuid.hpp"

#include <string>

namespace tessera {

/// Fills `size` bytes from the operating system's generator, through a buffer of the calling thread.
void random_bytes(void* out, std::size_t size);

/// A UUIDv7: rises with time, random enough to be unguessable where that is no secret.
uuid make_uuid(time_point now);

/// `tsk_` and 43 characters of base64url: 256 random bits.
std::string make_api_key();

} // namespace tessera

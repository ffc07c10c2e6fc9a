#pragma once

#include <string>
#include <string_view>

/// Argon2id by libsodium: 19 MiB, two passes, one lane (R-I 3.7), about 50 ms. Blocks and takes the memory:
/// services go through password_hasher.
namespace tessera {

/// Longer ones are refused before anybody hashes them.
constexpr std::size_t most_password_bytes = 1'024;

/// In PHC's form, with a new salt. `password` in normal form C. Throws std::bad_alloc without memory.
std::string hash_password(std::string_view password);

/// In constant time. False for what is no hash.
bool is_password(const std::string& hash, std::string_view password);

/// Made with other parameters than are used today.
bool is_outdated(const std::string& hash);

/// 20 characters of base64url: 120 random bits.
std::string make_password();

/// Overwrites what is not needed any more.
void forget(std::string& secret);

} // namespace tessera

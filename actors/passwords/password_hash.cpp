#include "actors/passwords/password_hash.hpp"

#include "actors/support/identifiers.hpp"

#include <array>
#include <new>
#include <sodium.h>
#include <stdexcept>

namespace tessera {

namespace {

constexpr unsigned long long passes = 2;
constexpr std::size_t memory_bytes = std::size_t{19} * 1024 * 1024;

void initialise() {
  static const int ready = sodium_init();
  if (ready < 0) throw std::runtime_error("libsodium can't be initialised");
}

} // namespace

std::string hash_password(std::string_view password) {
  initialise();
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  if (crypto_pwhash_str_alg(
          hash.data(), password.data(), password.size(), passes, memory_bytes, crypto_pwhash_ALG_ARGON2ID13
      ) != 0)
    throw std::bad_alloc();
  return hash.data();
}

bool is_password(const std::string& hash, std::string_view password) {
  initialise();
  return hash.size() < crypto_pwhash_STRBYTES &&
         crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

bool is_outdated(const std::string& hash) {
  initialise();
  return crypto_pwhash_str_needs_rehash(hash.c_str(), passes, memory_bytes) != 0;
}

std::string make_password() {
  constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::array<unsigned char, 20> bytes{};
  random_bytes(bytes.data(), bytes.size());
  std::string password;
  for (const auto byte : bytes)
    password += alphabet[byte & 63];
  return password;
}

void forget(std::string& secret) {
  sodium_memzero(secret.data(), secret.size());
  secret.clear();
}

} // namespace tessera

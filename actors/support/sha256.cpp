#include "actors/support/sha256.hpp"

#include <openssl/evp.h>

#include <new>

namespace tessera {

namespace {

/// Fetched once and kept: an implicit fetch at every start of a digest is what makes it slow.
const EVP_MD* algorithm() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return fetched;
}

} // namespace

void sha256::release::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

sha256::sha256() : context_(EVP_MD_CTX_new()) {
  if (!context_ || !EVP_DigestInit_ex2(context_.get(), algorithm(), nullptr)) throw std::bad_alloc();
}

digest sha256::operator()(std::string_view first, std::string_view second) {
  digest result;
  EVP_DigestInit_ex2(context_.get(), nullptr, nullptr);
  EVP_DigestUpdate(context_.get(), first.data(), first.size());
  EVP_DigestUpdate(context_.get(), second.data(), second.size());
  EVP_DigestFinal_ex(context_.get(), result.data(), nullptr);
  return result;
}

sha256& sha256::local() {
  thread_local sha256 instance;
  return instance;
}

} // namespace tessera

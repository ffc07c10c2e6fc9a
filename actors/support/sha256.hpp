#pragma once

#include "messages/types/digest.hpp"

#include <memory>
#include <string_view>

struct evp_md_ctx_st;

namespace tessera {

/// SHA-256 with a context that is made once: OpenSSL's one-shot call costs five times as much. One thread.
class sha256 {
public:
  sha256();

  /// The digest of the concatenation.
  digest operator()(std::string_view first, std::string_view second = {});

  /// The calling thread's own instance.
  static sha256& local();

private:
  struct release {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, release> context_;
};

} // namespace tessera

#pragma once

#include <curl/curl.h>
#include <memory>

/// libcurl's objects, owned.
namespace tessera {

struct end_transfer {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using transfer_handle = std::unique_ptr<CURL, end_transfer>;

struct end_list {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using curl_list = std::unique_ptr<curl_slist, end_list>;

} // namespace tessera

#pragma once

#include <cstddef>
#include <initializer_list>
#include <string_view>

namespace tessera::http {

/// Which of the media types that a route can give the client wants most, by the q-values of its Accept header
/// (RFC 9110 12.5.1); its order decides between equals. The first type offered is the answer to a client that
/// does not say, that takes anything, or that asks for what there is not: this API does not answer 406.
std::size_t preferred_type(std::string_view accept, std::initializer_list<std::string_view> offered);

/// Whether the client takes a body that gzip made smaller, by its Accept-Encoding (RFC 9110 12.5.3). One that
/// does not say gets the body as it is.
bool takes_gzip(std::string_view accept_encoding);

} // namespace tessera::http

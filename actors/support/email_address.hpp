#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tessera {

/// The form of a mail address that is compared and stored beside what was given: the local part as it is, the
/// domain in lower case and ASCII. Nothing when it is no address: a dot-atom, `@`, and a host's name with two
/// labels or more, within the lengths of RFC 5321.
std::optional<std::string> email_key(std::string_view address);

/// `j***@company.com`: for logs and whoever may not know the address.
std::string masked_email(std::string_view address);

} // namespace tessera

#pragma once

#include "messages/notifications.hpp"

#include <string>
#include <string_view>

namespace tessera {

/// A directory with a file for each message, whole or not at all; the same message once more has the same
/// file. Messages bring links that are secrets: nobody but the owner reads them.
class spool_directory {
public:
  /// Makes the directory, for its owner alone. Throws std::runtime_error when it can't.
  explicit spool_directory(std::string directory);

  /// `transient` when it could not be written.
  delivery_outcome put(const std::string& name, std::string_view bytes) const;

private:
  std::string directory_;
};

} // namespace tessera

#pragma once

#include "tools/paysim/support/document.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tessera::paysim {

/// All objects of the account, by id and by kind in the order in which they were made. References stay valid
/// until the object is removed.
class store {
public:
  using collection = std::deque<std::unique_ptr<document>>;

  /// The document's `id` and `object` say where it stands.
  document& add(document made);
  document* find(std::string_view id);
  /// Nothing when it is of another kind.
  document* find(std::string_view kind, std::string_view id);
  const collection& all(std::string_view kind);
  void remove(std::string_view kind, std::string_view id);
  /// Everything, kind by kind in the order in which it was made.
  json::array everything() const;
  std::size_t size() const { return by_id_.size(); }
  /// Removes the oldest ones above that number.
  void keep_last(std::string_view kind, std::size_t most);

private:
  std::map<std::string, collection, std::less<>> kinds_;
  std::unordered_map<std::string, document*> by_id_;
};

} // namespace tessera::paysim

#pragma once

#include <cstddef>
#include <string_view>

namespace tessera {

/// A place of a template where something is put in: `{{` to `}}`.
struct template_tag {
  static constexpr auto none = std::string_view::npos;

  std::size_t begin = none; // of `{{`; none: there is no further one
  std::size_t end = none;   // behind `}}`; none: it has no end
  char sign = 0;            // # ^ / ! or 0
  std::string_view name;
};
template_tag next_tag(std::string_view text, std::size_t from);

} // namespace tessera

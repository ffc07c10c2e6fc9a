find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(spdlog REQUIRED)
find_package(simdjson REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc)
find_package(CURL 7.88 REQUIRED)

# Debian's libsodium has no CMake package either.
find_path(SODIUM_INCLUDE_DIR sodium.h REQUIRED)
find_library(SODIUM_LIBRARY sodium REQUIRED)
add_library(sodium::sodium UNKNOWN IMPORTED)
set_target_properties(
  sodium::sodium PROPERTIES IMPORTED_LOCATION "${SODIUM_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${SODIUM_INCLUDE_DIR}")

# Debian's CAF 0.17.6 ships headers and shared libraries, but no CMake package.
find_path(CAF_INCLUDE_DIR caf/config.hpp REQUIRED)
foreach(component core io openssl)
  find_library(CAF_${component}_LIBRARY caf_${component} REQUIRED)
  add_library(caf::${component} UNKNOWN IMPORTED)
  set_target_properties(
    caf::${component} PROPERTIES IMPORTED_LOCATION "${CAF_${component}_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES
                                                                                 "${CAF_INCLUDE_DIR}")
endforeach()
target_link_libraries(caf::core INTERFACE Threads::Threads)
target_link_libraries(caf::io INTERFACE caf::core)
target_link_libraries(caf::openssl INTERFACE caf::io OpenSSL::SSL)

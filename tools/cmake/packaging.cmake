# What `cmake --install` puts where, and the Debian package: `cmake --build build/release --target deb`.
include(GNUInstallDirs)
set(TESSERA_MAINTAINER "Tessera maintainers <maintainers@tessera.invalid>" CACHE STRING "Who answers for the package")

set(packaging ${PROJECT_SOURCE_DIR}/tools/packaging)
set(made ${PROJECT_BINARY_DIR}/packaging)
file(MAKE_DIRECTORY ${made})

# Addresses of libraries are settled at the start and can't be written afterwards.
target_link_options(tessera PRIVATE LINKER:-z,relro,-z,now)

# The binary describes itself, so that no page is behind it.
function(tessera_page file)
  add_custom_command(
    OUTPUT ${made}/${file}
    COMMAND tessera ${ARGN} > ${made}/${file}
    DEPENDS tessera
    VERBATIM)
endfunction()
tessera_page(tessera.1 manual)
tessera_page(tessera.bash completion bash)
tessera_page(_tessera completion zsh)
tessera_page(tessera.fish completion fish)
foreach(page tessera.1 changelog)
  set(source ${made}/${page})
  if(page STREQUAL changelog)
    set(source ${packaging}/debian/changelog)
  endif()
  # -n: the same bytes from every build.
  add_custom_command(
    OUTPUT ${made}/${page}.gz
    COMMAND gzip -9nc ${source} > ${made}/${page}.gz
    DEPENDS ${source}
    VERBATIM)
endforeach()
add_custom_target(pages DEPENDS ${made}/tessera.1.gz ${made}/changelog.gz ${made}/tessera.bash ${made}/_tessera ${made}/tessera.fish)

install(TARGETS tessera RUNTIME)
install(FILES ${made}/tessera.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${made}/tessera.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME tessera)
install(FILES ${made}/_tessera DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${made}/tessera.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES ${made}/changelog.gz ${packaging}/debian/copyright docs/operating.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${packaging}/prometheus/tessera.rules.yml DESTINATION ${CMAKE_INSTALL_DATADIR}/tessera/prometheus)
install(FILES ${packaging}/grafana/tessera.json DESTINATION ${CMAKE_INSTALL_DATADIR}/tessera/grafana)
install(FILES ${packaging}/systemd/tessera.service DESTINATION lib/systemd/system)
install(FILES ${packaging}/systemd/tessera.sysusers DESTINATION lib/sysusers.d RENAME tessera.conf)
# The unit and the maintainer scripts name these places.
install(FILES config/tessera.example.toml DESTINATION /etc/tessera RENAME tessera.toml)
install(DIRECTORY DESTINATION /etc/tessera/credentials DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME tessera)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "prepaid credits: sold, allocated and metered")
set(CPACK_PACKAGE_DESCRIPTION
    "Keeps prepaid credits for tenants, their organisations and their locations.\nApplications ask it before they do something that costs: it spends the\ncredits, or says no and what would pass. Every balance is an append-only,\nhash-chained ledger in PostgreSQL.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
# What is built is what is packaged: the tests are not needed for it.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER ${TESSERA_MAINTAINER})
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers, init-system-helpers (>= 1.54), ca-certificates, fonts-dejavu-core")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "postgresql (>= 15), prometheus")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${packaging}/debian/conffiles ${packaging}/debian/postinst
                                       ${packaging}/debian/prerm ${packaging}/debian/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)

add_custom_target(
  deb
  COMMAND ${CMAKE_CPACK_COMMAND} -G DEB -B ${PROJECT_BINARY_DIR}/packages
  WORKING_DIRECTORY ${PROJECT_BINARY_DIR}
  DEPENDS tessera pages
  USES_TERMINAL VERBATIM)

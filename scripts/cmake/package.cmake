# The Debian package: `scripts/package`, or `cpack -G DEB --config build/release/CPackConfig.cmake` in a tree that is built.
# Nothing is built by packing (the tests, above all, are not part of it).
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME fabu)
set(CPACK_PACKAGE_VENDOR fabu)
set(FABU_MAINTAINER "fabu maintainers <fabu@ggj.example.gov.cn>" CACHE STRING "Maintainer of the Debian package")
set(CPACK_PACKAGE_CONTACT ${FABU_MAINTAINER})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/scripts/cmake/package-debian.cmake)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser")
# Sheets for the notice board are set in a Chinese typeface; attachments and mail go over verified TLS.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates, fonts-noto-cjk")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "cups, nginx, postgresql, rabbitmq-server")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "publishing broker for government information (政务公开)
Departments push items that must be disclosed; fabu checks them against the
catalogue, publishes each on every channel that the catalogue names, keeps
trying until it stands there, and records every step in a log (RFC 6962, C2SP
tiles and signed checkpoints) that anyone can verify without trusting the
server.

One program serves as everything in one process, on SQLite, or as brokers and
adapters of a larger installation, on PostgreSQL and RabbitMQ.")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${packaging}/debian/postinst ${packaging}/debian/prerm ${packaging}/debian/postrm ${packaging}/debian/conffiles)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# The program is stripped; symbols for backtraces are a package of their own, fabu-dbgsym.
set(CPACK_DEBIAN_DEBUGINFO_PACKAGE ON)
include(CPack)

add_custom_target(fabu_package
  COMMAND ${CMAKE_CPACK_COMMAND} -G DEB --config ${PROJECT_BINARY_DIR}/CPackConfig.cmake -B ${PROJECT_BINARY_DIR}/package
  USES_TERMINAL VERBATIM)
add_dependencies(fabu_package fabu fabu_texts)

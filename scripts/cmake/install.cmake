# What an installation holds. Below the prefix; the package puts etc and the units where Debian wants them (package.cmake).
include(GNUInstallDirs)
set(doc ${CMAKE_INSTALL_DATADIR}/doc/fabu)
set(packaging ${PROJECT_SOURCE_DIR}/scripts/packaging)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/web/site DESTINATION ${CMAKE_INSTALL_DATADIR}/fabu/web)
install(FILES ${PROJECT_SOURCE_DIR}/broker/domain/data/catalogue.yaml DESTINATION ${CMAKE_INSTALL_DATADIR}/fabu)
# For departments: protoc -I /usr/share/fabu/proto …
install(DIRECTORY ${PROJECT_SOURCE_DIR}/proto/fabu DESTINATION ${CMAKE_INSTALL_DATADIR}/fabu/proto FILES_MATCHING PATTERN *.proto)
install(FILES README.md CHANGELOG.md docs/operations.md docs/command-line.md docs/audit.md docs/contract.md docs/architecture.md
  DESTINATION ${doc})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/examples DESTINATION ${doc} USE_SOURCE_PERMISSIONS)

install(FILES ${packaging}/sysusers.conf DESTINATION lib/sysusers.d RENAME fabu.conf)
install(FILES ${packaging}/tmpfiles.conf DESTINATION lib/tmpfiles.d RENAME fabu.conf)
install(FILES ${packaging}/completion/fabu.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME fabu)
install(FILES ${packaging}/completion/_fabu DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)

# The units share their sandbox and their lifecycle.
file(READ ${packaging}/systemd/sandbox.conf SANDBOX)
file(READ ${packaging}/systemd/lifecycle.conf LIFECYCLE)
set(units ${PROJECT_BINARY_DIR}/packaging/systemd)
foreach(unit fabu fabu-broker fabu-adapter@)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    ${packaging}/systemd/sandbox.conf ${packaging}/systemd/lifecycle.conf)
  configure_file(${packaging}/systemd/${unit}.service.in ${units}/${unit}.service @ONLY)
  install(FILES ${units}/${unit}.service DESTINATION lib/systemd/system)
endforeach()

if(TARGET fabu)
  install(TARGETS fabu RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

  # What the program says of itself: its configuration, and the verbs in fabu(1).
  set(made ${PROJECT_BINARY_DIR}/packaging)
  add_custom_command(OUTPUT ${made}/fabu.yaml ${made}/fabu.1 ${made}/fabu.yaml.5
    COMMAND ${CMAKE_COMMAND} -DFABU=$<TARGET_FILE:fabu> -DVERSION=${PROJECT_VERSION} -DSOURCE=${PROJECT_SOURCE_DIR} -DMADE=${made}
      -P ${PROJECT_SOURCE_DIR}/scripts/cmake/package-texts.cmake
    DEPENDS fabu ${PROJECT_SOURCE_DIR}/scripts/cmake/package-texts.cmake
      ${PROJECT_SOURCE_DIR}/docs/man/fabu.1.in ${PROJECT_SOURCE_DIR}/docs/man/fabu.yaml.5.in
    VERBATIM)
  add_custom_target(fabu_texts ALL DEPENDS ${made}/fabu.yaml ${made}/fabu.1 ${made}/fabu.yaml.5)
  install(FILES ${made}/fabu.yaml DESTINATION etc/fabu)
  install(FILES ${made}/fabu.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${made}/fabu.yaml.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)

  include(scripts/cmake/package.cmake)
endif()

// SPDX-License-Identifier: Apache-2.0
// OpenSSL's objects, owned. Used inside crypto/ only.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace latchkey::crypto {

template <auto kFree>
struct OpensslFree {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
template <typename T, auto kFree>
using OpensslHandle = std::unique_ptr<T, OpensslFree<kFree>>;

using BioHandle = OpensslHandle<BIO, BIO_free_all>;
using BignumHandle = OpensslHandle<BIGNUM, BN_free>;
using KeyHandle = OpensslHandle<EVP_PKEY, EVP_PKEY_free>;
using CertificateHandle = OpensslHandle<X509, X509_free>;
using NamesHandle = OpensslHandle<GENERAL_NAMES, GENERAL_NAMES_free>;

}  // namespace latchkey::crypto

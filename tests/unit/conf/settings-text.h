/* SPDX-License-Identifier: MIT */
/* The smallest settings that are complete, in the files of a Sandbox. */
#pragma once

#define SETTINGS_DOMAIN "[domain contoso.example]\nsecret-file = %D/secret\nhop = pool01\n"
#define SETTINGS_SIP                                                                               \
    "[sip]\nlisten = tls:0.0.0.0:5061\nfqdn = xgw.contoso.example\n"                               \
    "certificate = %D/cert.pem\nprivate-key = %D/key.pem\n"
#define SETTINGS_HOP     "[hop pool01]\nnext-hop = tls:pool01.contoso.example\nca = %D/ca.pem\n"
#define SETTINGS_PARTNER "[partner partner.example]\n"
#define SETTINGS_BASE    SETTINGS_DOMAIN SETTINGS_SIP SETTINGS_HOP SETTINGS_PARTNER

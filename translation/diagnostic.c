/* SPDX-License-Identifier: MIT */
#include "translation/diagnostic.h"

#include <glib.h>

static const StoxDiagnosticRow rows[] = {
    {STOX_DIAG_PARTNER_NOT_ALLOWED,
     "The XMPP domain of the recipient is not an allowed partner of the XMPP gateway. Add it as a "
     "partner in the gateway's settings, or stop routing it to the gateway.",
     "The recipient's XMPP domain is not among the partners.",
     "A static route or federation leads a domain to the gateway for which its settings have no "
     "section [partner].",
     "Add the domain as [partner DOMAIN] or to additional-domains of a partner and restart stoxd, "
     "or take the route away."},
    {STOX_DIAG_DOMAIN_NOT_SERVED,
     "The sender's SIP domain is not served by the XMPP gateway. Add the domain to the gateway's "
     "settings and to its XMPP server.",
     "The sender's SIP domain has no section [domain].",
     "A user of a further SIP domain writes to an XMPP contact, or From names a wrong domain.",
     "Add [domain DOMAIN] and a component of that name in the XMPP server, if its users may use "
     "the gateway."},
    {STOX_DIAG_HOP_ASSERTS_FOREIGN_DOMAIN,
     "This server is not the next hop of the sender's SIP domain in the XMPP gateway's settings. "
     "Send the request through the pool that is configured there, or change the domain's hop.",
     "A server sent a request in the name of a domain that belongs to another hop.",
     "Two pools or federation partners share a path, or somebody forges the sender.",
     "See that each domain's hop is the server that its requests come from; otherwise find out who "
     "sent it."},
    {STOX_DIAG_ADDRESS_UNMAPPABLE,
     "The SIP address has no XMPP form. XMPP user names allow letters, digits and most ASCII "
     "signs, but no leading or trailing space, control character or symbol. Correct the address.",
     "An address of the request cannot be written as an XMPP address.",
     "The user part has characters, or a length, that RFC 7622 does not allow, the URI has no "
     "user, or its scheme is not sip, im or pres.",
     "Correct the contact's address. If it is right, the two users cannot talk to each other."},
    {STOX_DIAG_SIPS_REFUSED,
     "XMPP cannot promise encryption on every hop, so sips addresses are refused. Use the sip form "
     "of the address.",
     "The request is addressed to a sips URI, or names one as its own address.",
     "A client or route uses sips addresses, which demand TLS on every hop.",
     "Use the sip form of the address; the connection itself stays encrypted."},
    {STOX_DIAG_MODALITY_UNSUPPORTED,
     "The XMPP gateway carries instant messages and presence only. Audio, video, sharing, file "
     "transfer and conferences with XMPP contacts are not possible.",
     "The invitation offers no instant messaging.",
     "A user calls an XMPP contact, shares something with him, sends him a file or invites him to "
     "a conference.",
     "Nothing; tell the user to write instead."},
    {STOX_DIAG_CONTENT_UNSUPPORTED,
     "The XMPP gateway cannot translate this content type. The Accept header lists what it takes; "
     "text/plain always works.",
     "The body's type or encoding is not one that can be translated.",
     "A client sent something that is not text.",
     "Nothing, if the client goes on with text/plain; otherwise look at the client's settings."},
    {STOX_DIAG_XMPP_REFUSED,
     "The XMPP side refused the request. The reason phrase of the status line repeats what it "
     "said; the recipient's XMPP server decides.",
     "The recipient's server or client answered with an error.",
     "Mostly: there is no such user, he takes nothing from strangers, or his server cannot be "
     "reached from the gateway's XMPP server.",
     "Read the reason phrase. For remote-server errors look into the log of the gateway's XMPP "
     "server."},
    {STOX_DIAG_METHOD_UNSUPPORTED,
     "The XMPP gateway does not support this SIP method. The Allow header lists those it supports.",
     "The method of the request is not one of those in Allow.",
     "A server or client tries something that has no counterpart in XMPP, like REGISTER, PUBLISH "
     "or REFER.",
     "Nothing, unless a route sends the gateway requests that belong to another server."},
    {STOX_DIAG_EXTENSION_UNSUPPORTED,
     "The request requires a SIP extension that the XMPP gateway does not support. The Unsupported "
     "header names it.",
     "Require names an option that stoxd does not know.",
     "A client or server insists on an extension.",
     "See that the peer can do without it; most repeat the request by themselves."},
    {STOX_DIAG_EVENT_UNSUPPORTED,
     "The XMPP gateway accepts subscriptions to the event package presence only.",
     "A SUBSCRIBE asks for another event package than presence.",
     "Clients ask for dialog, conference or voice mail events.", "Nothing."},
    {STOX_DIAG_NO_SUCH_DIALOG,
     "The XMPP gateway does not know this dialog. It has ended or expired; start a new "
     "conversation or subscription.",
     "A request inside a conversation or subscription that does not exist.",
     "The gateway was restarted, or the other side did not hear of the end.",
     "Nothing: the front end starts a new one."},
    {STOX_DIAG_MALFORMED,
     "The XMPP gateway could not read the request because its syntax is wrong. Take a trace on "
     "this server and compare it with RFC 3261.",
     "The request is not valid SIP, or comes out of order in its dialog.",
     "A fault of the sender or of a proxy that changes requests.",
     "Take a trace on the sending server. The gateway's log says at the level info what was "
     "wrong."},
    {STOX_DIAG_TOO_LARGE,
     "The request is larger than the XMPP gateway accepts. Send a shorter message, or raise the "
     "limit in the gateway's settings.",
     "The request or its text passes a limit of size.",
     "A very long message, a picture in the text, or somebody who tries how far he gets.",
     "Send it in parts. Where the limit is a setting, it can be raised."},
    {STOX_DIAG_LOOP,
     "The request has already passed the XMPP gateway. Check the static routes: the partner's "
     "domain must lead to the gateway and the gateway's next hop must not lead back.",
     "The request came back to where it had come from, or Max-Forwards is used up, or both users "
     "are of the SIP side.",
     "A route leads a served SIP domain to the gateway, or its next hop sends requests back.",
     "Check the static routes and federation entries on the SIP side and the hop of each domain."},
    {STOX_DIAG_COMPRESSION_UNSUPPORTED,
     "The XMPP gateway does not compress SIP connections. The connection stays usable without "
     "compression; nothing has to be done.",
     "The peer asked for compression (NEGOTIATE).",
     "Front ends and Edge servers ask for it on every connection.", "Nothing."},
    {STOX_DIAG_NO_FORMAT,
     "The subscription accepts no presence format that the XMPP gateway can write. Allow "
     "application/pidf+xml in the Accept header.",
     "Accept of a SUBSCRIBE names no format that can be written.",
     "A client that insists on a format of its own.", "Allow application/pidf+xml."},
    {STOX_DIAG_STOPPING,
     "The XMPP gateway is being stopped and accepts nothing new. Try again when it has been "
     "started.",
     "The gateway is on its way down.", "The service was stopped or restarted.",
     "Nothing, if that was intended."},
    {STOX_DIAG_INTERVAL_TOO_SHORT,
     "The request asks for a shorter refresh interval than the XMPP gateway allows. The response "
     "names the shortest; nothing has to be done.",
     "The interval of a subscription or session timer is too short.",
     "A client that refreshes too often.",
     "Nothing: the client repeats the request with the interval that the answer names."},
    {STOX_DIAG_PENDING,
     "Another request of this dialog is still being answered. The same request can be sent again "
     "in a moment; nothing has to be done.",
     "Two requests of one dialog met each other.",
     "Both sides changed the session at the same time.",
     "Nothing: the sender repeats the request."},
    {STOX_DIAG_CONTENT_LIMIT,
     "The body of the request has more parts, deeper nested ones or longer headers than the XMPP "
     "gateway reads. Send the message as plain text.",
     "A body passes the limits on the number or depth of its parts, or on their headers.",
     "A client with a fault, or somebody who tries how far he gets.",
     "Find out who sent it; ordinary messages have one or two parts."},
    {STOX_DIAG_CONTENT_ENCRYPTED,
     "The message is encrypted for its recipient, so the XMPP gateway cannot translate it. Send it "
     "without end-to-end encryption.",
     "The body is encrypted from end to end.",
     "The sender's client encrypts with S/MIME or the like.",
     "Switch end-to-end encryption off for contacts of the XMPP side; connections between servers "
     "stay encrypted."},
    {STOX_DIAG_CONTENT_EMPTY, "The message has nothing in it that can be shown. Send it as text.",
     "Nothing of the body is left for the recipient.", "A message with formatting or objects only.",
     "Nothing, unless ordinary messages are refused this way."},
    {STOX_DIAG_CONTENT_BROKEN,
     "The body of the request is not what its Content-Type says, or its character set is wrong. "
     "Send it as UTF-8 text.",
     "The body cannot be read as the type, encoding or character set that it claims to be.",
     "A client with a fault, or a proxy that changed the body.",
     "Take a trace and compare the body with its Content-Type."},
    {STOX_DIAG_CPIM_REQUIRE,
     "The message/cpim body requires a header that the XMPP gateway does not know. Send it without "
     "Require.",
     "A message in CPIM form insists on an extension.",
     "A client that uses extensions of RFC 3862.", "See that the client can do without it."},
    {STOX_DIAG_PARTIAL,
     "The body is a fragment of a message, and the XMPP gateway does not put fragments together. "
     "Send the whole message, or several short ones.",
     "The body is of the type message/partial.", "A client that splits long messages.",
     "Send shorter messages."},
    {STOX_DIAG_CANCELLED,
     "The invitation was withdrawn by its sender before it was answered. Nothing has to be done.",
     "The request was cancelled.",
     "The user closed the window, or another device took the conversation.", "Nothing."},
    {STOX_DIAG_XMPP_DOWN,
     "The XMPP gateway has no connection to its XMPP server. Check that the XMPP server runs and "
     "accepts the gateway's component for this domain.",
     "There is no stream to the XMPP server for the sender's domain.",
     "The XMPP server is down, or refuses the component.",
     "Read stoxd's log: it says why the stream is down and what to do."},
    {STOX_DIAG_XMPP_SILENT,
     "The XMPP server did not confirm the request in time. Check the load and the log of the "
     "gateway's XMPP server.",
     "The XMPP server took the message, and did not answer afterwards.",
     "It is overloaded or hangs.",
     "Look at the load and the log of the XMPP server. The message may still arrive."},
    {STOX_DIAG_OVERLOAD,
     "The XMPP gateway has more to do than its limits allow. Try again later, or raise the limits "
     "in its settings.",
     "A limit on requests, conversations or subscriptions is reached.",
     "Much traffic at once, or somebody who floods the gateway.",
     "See in stoxd's log which limit it was and who sends so much; raise the limit if the traffic "
     "is wanted."},
    {STOX_DIAG_INTERNAL,
     "An internal error happened in the XMPP gateway. Its log has the details; please report it.",
     "Something happened that should not.", "A fault in stoxd or in its settings.",
     "Report it with the lines of the log around it."},
};

const StoxDiagnosticRow *stox_diagnostics(size_t *ret_n)
{
    *ret_n = G_N_ELEMENTS(rows);
    return rows;
}

const char *stox_diagnostic_text(unsigned diagnostic)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (rows[i].id == diagnostic)
            return rows[i].reason;
    return "The XMPP gateway refused the request without naming a reason.";
}

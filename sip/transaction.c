/* SPDX-License-Identifier: MIT */
#include "sip/transaction-private.h"

/* Expired entries do no harm: they are looked for no more often than this. */
enum { MEMORY_TICK_MS = 1000 };

/* Strangers must not be able to choose values that meet: random, and never on the wire. */
static uint64_t make_seed(const StoxTransactionsOps *ops, void *user)
{
    g_autofree char *token = ops->token(user);

    return stox_tx_hash(14695981039346656037u, token);
}

StoxTransactions *stox_transactions_new(const StoxTransactionsConfig *config,
                                        const StoxTransactionsOps *ops, void *user)
{
    StoxTransactions *transactions = g_new0(StoxTransactions, 1);
    g_autofree char *token = ops->token(user);

    transactions->ops = *ops;
    transactions->user = user;
    transactions->max_server = config->max_server;
    transactions->fqdn = g_strdup(config->fqdn);
    transactions->branch_prefix = g_strconcat(STOX_SIP_BRANCH, token, ".", NULL);
    transactions->hash_seed = make_seed(ops, user);
    transactions->tag_seed = make_seed(ops, user);
    transactions->timers = stox_timers_new();
    transactions->clients =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, stox_client_tx_free);
    transactions->servers =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, stox_server_tx_free);
    transactions->servers_by_key = g_hash_table_new(g_str_hash, g_str_equal);
    transactions->servers_by_call = g_hash_table_new(g_str_hash, g_str_equal);
    transactions->memory = stox_tx_memory_new(config->max_answered, STOX_SIP_ANSWERS_MAX);
    transactions->memory_tx.kind = STOX_TX_MEMORY;
    return transactions;
}

void stox_transactions_free(StoxTransactions *transactions)
{
    if (!transactions)
        return;
    g_hash_table_unref(transactions->servers_by_key);
    g_hash_table_unref(transactions->servers_by_call);
    g_hash_table_unref(transactions->clients);
    g_hash_table_unref(transactions->servers);
    stox_tx_memory_free(transactions->memory);
    stox_timers_free(transactions->timers);
    g_free(transactions->branch_prefix);
    g_free(transactions->fqdn);
    g_free(transactions);
}

int64_t stox_transactions_deadline(const StoxTransactions *transactions)
{
    return stox_timers_next(transactions->timers);
}

static void memory_due(StoxTransactions *transactions, StoxTime now)
{
    int64_t next;

    stox_tx_memory_expire(transactions->memory, now.mono_ms);
    next = stox_tx_memory_next(transactions->memory);
    if (next != STOX_NEVER)
        stox_timers_set(transactions->timers, &transactions->memory_tx.timer,
                        MAX(next, now.mono_ms + MEMORY_TICK_MS));
}

void stox_transactions_tick(StoxTransactions *transactions, StoxTime now)
{
    StoxTimer *timer;

    while ((timer = stox_timers_due(transactions->timers, now.mono_ms))) {
        StoxTx *tx = (StoxTx *) timer;

        switch (tx->kind) {
        case STOX_TX_CLIENT:
            stox_client_tx_due(transactions, (StoxClientTx *) tx, now);
            break;
        case STOX_TX_SERVER:
            stox_server_tx_due(transactions, (StoxServerTx *) tx, now);
            break;
        case STOX_TX_MEMORY:
            memory_due(transactions, now);
            break;
        }
    }
}

size_t stox_transactions_count(const StoxTransactions *transactions)
{
    return g_hash_table_size(transactions->clients) + g_hash_table_size(transactions->servers);
}

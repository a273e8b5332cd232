/* SPDX-License-Identifier: MIT */
#include "sip/transaction-private.h"

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
    transactions->timers = stox_timers_new();
    transactions->clients =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, stox_client_tx_free);
    transactions->servers =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, stox_server_tx_free);
    transactions->servers_by_key = g_hash_table_new(g_str_hash, g_str_equal);
    transactions->servers_by_call = g_hash_table_new(g_str_hash, g_str_equal);
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
    stox_timers_free(transactions->timers);
    g_free(transactions->branch_prefix);
    g_free(transactions->fqdn);
    g_free(transactions);
}

int64_t stox_transactions_deadline(const StoxTransactions *transactions)
{
    return stox_timers_next(transactions->timers);
}

void stox_transactions_tick(StoxTransactions *transactions, StoxTime now)
{
    StoxTimer *timer;

    while ((timer = stox_timers_due(transactions->timers, now.mono_ms))) {
        StoxTx *tx = (StoxTx *) timer;

        if (tx->server)
            stox_server_tx_due(transactions, (StoxServerTx *) tx, now);
        else
            stox_client_tx_due(transactions, (StoxClientTx *) tx, now);
    }
}

size_t stox_transactions_count(const StoxTransactions *transactions)
{
    return g_hash_table_size(transactions->clients) + g_hash_table_size(transactions->servers);
}

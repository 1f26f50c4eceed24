using Npgsql;

namespace Sessions.Benchmarks.Harness;

/// <summary>
/// What Postgres has done, by its own counters. Unlike times, counts hardly change with what else the machine does: only the
/// sizes of groups do.
/// </summary>
/// <param name="Transactions">Committed transactions; each is one round trip.</param>
/// <param name="WalRecords">Records in the write-ahead log.</param>
/// <param name="WalBytes">Their bytes, without the images of whole pages, whose number depends on checkpoints.</param>
/// <param name="WalSyncs">Times that the log was made durable.</param>
/// <param name="Tables">The rows of each table that changed.</param>
internal sealed record StoreCounts(
    long Transactions, long WalRecords, double WalBytes, long WalSyncs, IReadOnlyDictionary<string, RowCounts> Tables)
{
    // Images of whole pages would hide what a session costs.
    private const int PageBytes = 8_192;

    private const string Server =
        """
        select d.xact_commit, w.wal_records, greatest(w.wal_bytes - w.wal_fpi * $1, 0)::float8, w.wal_sync
        from   pg_stat_database d cross join pg_stat_wal w
        where  d.datname = current_database()
        """;

    private const string Rows =
        """
        select case when t.relname like 'journal%' then 'journal' else t.relname end as name,
               sum(n_tup_ins)::bigint, sum(n_tup_upd)::bigint, sum(n_tup_hot_upd)::bigint, sum(n_tup_del)::bigint,
               sum((n_tup_ins + n_tup_upd - n_tup_hot_upd) * (select count(*) from pg_index i where i.indrelid = t.relid))::bigint
        from   pg_stat_user_tables t
        where  t.schemaname in ('tracking', 'orleans')
        group  by 1
        """;

    // A backend tells its counts when it is idle for a second.
    private static readonly TimeSpan Behind = TimeSpan.FromSeconds(1.5);

    /// <summary>Waits until the counts are up to date, and reads them.</summary>
    public static async Task<StoreCounts> Read(Product product)
    {
        using (PeriodicTimer pace = new(Behind))
        {
            await pace.WaitForNextTickAsync();
        }

        var tables = new Dictionary<string, RowCounts>();
        await using (NpgsqlCommand rows = product.Database.CreateCommand(Rows))
        {
            await using NpgsqlDataReader reader = await rows.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                tables[reader.GetString(0)] =
                    new RowCounts(reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5));
            }
        }

        await using NpgsqlCommand server = product.Database.CreateCommand(Server);
        server.Parameters.Add(new NpgsqlParameter<int> { TypedValue = PageBytes });
        await using NpgsqlDataReader counts = await server.ExecuteReaderAsync();
        await counts.ReadAsync();
        return new StoreCounts(counts.GetInt64(0), counts.GetInt64(1), counts.GetDouble(2), counts.GetInt64(3), tables);
    }

    public static StoreCounts operator -(StoreCounts after, StoreCounts before) => new(
        after.Transactions - before.Transactions,
        after.WalRecords - before.WalRecords,
        after.WalBytes - before.WalBytes,
        after.WalSyncs - before.WalSyncs,
        after.Tables.ToDictionary(table => table.Key, table => table.Value - before.Tables.GetValueOrDefault(table.Key, default)));

    public static StoreCounts operator +(StoreCounts one, StoreCounts other) => new(
        one.Transactions + other.Transactions,
        one.WalRecords + other.WalRecords,
        one.WalBytes + other.WalBytes,
        one.WalSyncs + other.WalSyncs,
        one.Tables.ToDictionary(table => table.Key, table => table.Value + other.Tables.GetValueOrDefault(table.Key, default)));

    /// <summary>The counts for each of a number of sessions or events.</summary>
    public string Per(double number) =>
        $"{Transactions / number:0.000} transactions, {WalSyncs / number:0.000} log syncs, {WalRecords / number:0.0} log records, {WalBytes / number:N0} log bytes; "
        + string.Join("; ", Tables
            .Where(table => table.Value.Changed / number >= 0.02)
            .OrderBy(table => table.Key, StringComparer.Ordinal)
            .Select(table => $"{table.Key} {table.Value.Per(number)}"));
}

/// <summary>The rows of a table that changed.</summary>
/// <param name="Inserted">Inserted rows.</param>
/// <param name="Updated">Updated rows.</param>
/// <param name="InPlace">Those of the updated rows that needed no new index entries (HOT).</param>
/// <param name="Deleted">Deleted rows.</param>
/// <param name="IndexEntries">New index entries, at most: a partial index may have taken none.</param>
internal readonly record struct RowCounts(long Inserted, long Updated, long InPlace, long Deleted, long IndexEntries)
{
    public long Changed => Inserted + Updated + Deleted;

    public static RowCounts operator -(RowCounts after, RowCounts before) => new(
        after.Inserted - before.Inserted,
        after.Updated - before.Updated,
        after.InPlace - before.InPlace,
        after.Deleted - before.Deleted,
        after.IndexEntries - before.IndexEntries);

    public static RowCounts operator +(RowCounts one, RowCounts other) => new(
        one.Inserted + other.Inserted,
        one.Updated + other.Updated,
        one.InPlace + other.InPlace,
        one.Deleted + other.Deleted,
        one.IndexEntries + other.IndexEntries);

    /// <summary>The rows for each of a number of sessions or events.</summary>
    public string Per(double number) =>
        $"+{Inserted / number:0.00} ~{Updated / number:0.00} (in place {InPlace / number:0.00}) -{Deleted / number:0.00}, {IndexEntries / number:0.0} index entries";
}

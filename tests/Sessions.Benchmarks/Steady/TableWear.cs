using System.Globalization;
using Npgsql;
using Sessions.Benchmarks.Harness;

namespace Sessions.Benchmarks.Steady;

/// <summary>A table as Postgres counts it: the whole of it when it is in partitions.</summary>
/// <param name="Table">Its name.</param>
/// <param name="Live">Rows.</param>
/// <param name="Dead">Old versions of rows that nobody sees, and that no vacuum has taken away yet.</param>
/// <param name="Vacuums">How often autovacuum has been through it.</param>
/// <param name="Bytes">Its rows, indexes and the rest.</param>
internal sealed record TableWear(string Table, long Live, long Dead, long Vacuums, long Bytes)
{
    // A partition's name ends with its day.
    private const string Sql =
        """
        select   regexp_replace(relname, '_\d+$', ''), sum(n_live_tup)::bigint, sum(n_dead_tup)::bigint, sum(autovacuum_count)::bigint,
                 sum(pg_total_relation_size(relid))::bigint
        from     pg_stat_user_tables
        where    schemaname in ('tracking', 'orleans')
        group by 1
        """;

    public double BytesARow => (double)Bytes / Math.Max(1, Live);

    public double DeadShare => (double)Dead / Math.Max(1, Live + Dead);

    /// <summary>All tables by name.</summary>
    public static async Task<Dictionary<string, TableWear>> Read(Product product)
    {
        var found = new Dictionary<string, TableWear>(StringComparer.Ordinal);
        await using NpgsqlCommand command = product.Database.CreateCommand(Sql);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var table = new TableWear(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4));
            found[table.Table] = table;
        }

        return found;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Table} {Live:N0} rows, {Dead:N0} dead, {Bytes / 1e6:N0} MB, vacuumed {Vacuums} times");
}

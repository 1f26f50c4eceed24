using Npgsql;

namespace Sessions.Postgres.Queries;

/// <summary>Asks Postgres for a sign of life.</summary>
public sealed class PingQuery(NpgsqlDataSource database)
{
    private static readonly string Text = QueryText.Read("ping.sql");

    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task Run(CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(Text);
        await command.ExecuteScalarAsync(cancellation);
    }
}

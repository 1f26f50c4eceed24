using Npgsql;
using Sessions.Database;

namespace Sessions.Queries;

/// <summary>Checks whether Postgres answers.</summary>
public sealed class PingQuery(NpgsqlDataSource database)
{
    private static readonly string Text = SqlFile.Read("ping.sql");

    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task Run(CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(Text);
        await command.ExecuteScalarAsync(cancellation);
    }
}

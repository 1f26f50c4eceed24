using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Database;

namespace Sessions.Silo.Journal;

/// <summary>
/// Finds writers, of any silo, that hold a transaction open without sending anything, and ends their connections.
/// </summary>
internal sealed class StuckWriters(NpgsqlDataSource database, IOptions<JournalOptions> options)
{
    private static readonly string Terminate = SqlFile.Read("terminate_stuck_writers.sql");

    /// <summary>Ends their connections. Postgres rolls back what they had not committed.</summary>
    public async Task CutOff()
    {
        await using NpgsqlCommand command = database.CreateCommand(Terminate);
        command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = options.Value.LockTimeoutSeconds });
        await command.ExecuteNonQueryAsync();
    }
}

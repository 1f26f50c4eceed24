using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Grains;

namespace Sessions.Postgres;

/// <summary>Finds writers that hold a transaction open and say nothing, whichever silo they belong to.</summary>
internal sealed class StuckWriters(NpgsqlDataSource database, IOptions<JournalOptions> options) : IStuckWriters
{
    private static readonly string Terminate = QueryText.Read("terminate_stuck_writers.sql");

    public async Task CutOff()
    {
        await using NpgsqlCommand command = database.CreateCommand(Terminate);
        command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = options.Value.LockTimeoutSeconds });
        await command.ExecuteNonQueryAsync();
    }
}

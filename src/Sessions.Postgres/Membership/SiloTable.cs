using System.Net;
using Npgsql;

namespace Sessions.Postgres.Membership;

/// <summary>One start of one silo, as Orleans' membership table knows it.</summary>
public sealed record SiloEntry(IPAddress Address, int Port, int Generation);

/// <summary>
/// Orleans' membership table, for whoever knows for certain that a silo is gone. A silo that joins must reach all that
/// the table calls alive; one killed entry would keep it out until the others have noticed, or for ever when it is alone.
/// </summary>
public sealed class SiloTable(NpgsqlDataSource database, string clusterId)
{
    private static readonly string NotDeadText = QueryText.Read("silos_not_dead.sql");
    private static readonly string BuryText = QueryText.Read("bury_silo.sql");

    /// <summary>The silos that the table does not call dead.</summary>
    public async Task<IReadOnlyList<SiloEntry>> NotDead(CancellationToken cancel = default)
    {
        List<SiloEntry> silos = [];
        await using NpgsqlCommand command = database.CreateCommand(NotDeadText);
        command.Parameters.Add(new() { Value = clusterId });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            silos.Add(new SiloEntry(IPAddress.Parse(reader.GetString(0)), reader.GetInt32(1), reader.GetInt32(2)));
        }

        return silos;
    }

    /// <summary>Records that the silo is dead.</summary>
    public async Task Bury(SiloEntry silo, CancellationToken cancel = default)
    {
        await using NpgsqlCommand command = database.CreateCommand(BuryText);
        command.Parameters.Add(new() { Value = clusterId });
        command.Parameters.Add(new() { Value = silo.Address.ToString() });
        command.Parameters.Add(new() { Value = silo.Port });
        command.Parameters.Add(new() { Value = silo.Generation });
        await command.ExecuteNonQueryAsync(cancel);
    }
}

using System.Net;
using Npgsql;
using Sessions.Database;

namespace Sessions.Silo.Membership;

/// <summary>One start of one silo, as Orleans' membership table knows it.</summary>
public sealed record SiloEntry(IPAddress Address, int Port, int Generation);

/// <summary>
/// Changes Orleans' membership table, for a caller that knows for certain that a silo is gone. A silo that joins must
/// reach every silo that the table calls alive. The entry of a killed silo would keep it out until the other silos have
/// noticed the death, or for ever when there are no others.
/// </summary>
public sealed class SiloTable(NpgsqlDataSource database, string clusterId)
{
    private static readonly string NotDeadText = SqlFile.Read("silos_not_dead.sql");
    private static readonly string BuryText = SqlFile.Read("bury_silo.sql");
    private static readonly string NextText = SqlFile.Read("next_generation.sql");
    private static readonly string FutureText = SqlFile.Read("times_of_future.sql");

    /// <summary>Reads the silos that the table does not call dead.</summary>
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

    /// <summary>
    /// Returns the generation for a silo that is about to start at an address, and corrects times in the table that lie
    /// in the future because a silo's clock was ahead. Orleans takes generations from the machine's clock, and a silo
    /// stops itself when the table has a later generation for its address.
    /// </summary>
    /// <param name="address">The silo's address.</param>
    /// <param name="port">The silo's port.</param>
    /// <param name="byClock">The generation that the machine's clock gives.</param>
    public int NextGeneration(IPAddress address, int port, int byClock)
    {
        using NpgsqlConnection connection = database.OpenConnection();
        using (NpgsqlCommand future = new(FutureText, connection) { Parameters = { new() { Value = clusterId } } })
        {
            future.ExecuteNonQuery();
        }

        using NpgsqlCommand next = new(NextText, connection)
        {
            Parameters =
            {
                new() { Value = clusterId },
                new() { Value = address.ToString() },
                new() { Value = port },
                new() { Value = byClock },
            },
        };
        return (int)next.ExecuteScalar()!;
    }
}

using System.Net;
using Npgsql;
using Sessions.Host.Database;
using Sessions.Silo.Membership;

namespace Sessions.Tests.Host;

public sealed class BootstrapTests(TestPostgres postgres)
{
    [Fact]
    public async Task Preparing_the_database_again_keeps_one_project_with_the_newest_token_and_a_working_reader()
    {
        string connectionString = await postgres.CreateEmptyDatabase();
        await Bootstrap.PrepareDatabase(connectionString, "phc_old", "sk", "reader-password", null, default);

        (string reader, string token) = await Bootstrap.PrepareDatabase(connectionString, "phc_new", "sk", "reader-password", null, default);

        Assert.Equal("phc_new", token);
        Assert.Equal("default phc_new", await Scalar(connectionString, "select string_agg(project || ' ' || token, ',') from tracking.projects"));
        Assert.Equal(0L, await Scalar(reader, "select count(*) from sessions"));
    }

    [Fact]
    public async Task A_token_that_was_changed_later_stays_until_the_configuration_has_another()
    {
        string connectionString = await postgres.CreateEmptyDatabase();
        await Bootstrap.PrepareDatabase(connectionString, "phc_configured", "sk", "reader-password", null, default);
        await Scalar(connectionString, "update tracking.projects set token = 'phc_changed'");

        (_, string kept) = await Bootstrap.PrepareDatabase(connectionString, "phc_configured", "sk", "reader-password", null, default);
        (_, string replaced) = await Bootstrap.PrepareDatabase(connectionString, "phc_other", "sk", "reader-password", null, default);

        Assert.Equal(("phc_changed", "phc_other"), (kept, replaced));
    }

    [Fact]
    public async Task Silos_of_an_earlier_run_are_marked_dead_even_when_another_program_uses_their_port()
    {
        string connectionString = await postgres.CreateDatabase();
        using System.Net.Sockets.TcpListener stranger = new(IPAddress.Loopback, 0);
        stranger.Start();
        int port = ((IPEndPoint)stranger.LocalEndpoint).Port;
        await AddSilos(connectionString, ("127.0.0.1", port), ("127.0.0.1", 1), ("192.0.2.1", 1));

        int marked = await DeadSilos.MarkAllDead(connectionString, "c", default);

        Assert.Equal(2, marked);
        Assert.Equal(["192.0.2.1:1"], await NotDead(connectionString));
        Assert.Equal(2, await Scalar(connectionString, "select version from orleans.orleansmembershipversiontable"));
    }

    [Fact]
    public async Task A_silo_whose_process_died_is_marked_dead_and_the_other_silos_are_not()
    {
        string connectionString = await postgres.CreateDatabase();
        await AddSilos(connectionString, ("127.0.0.1", 1), ("127.0.0.1", 2), ("192.0.2.1", 1));

        int marked = await DeadSilos.MarkDeadAt(1, connectionString, "c", default);

        Assert.Equal(1, marked);
        Assert.Equal(["127.0.0.1:2", "192.0.2.1:1"], await NotDead(connectionString));
    }

    private static Task<object?> AddSilos(string connectionString, params (string Address, int Port)[] silos) => Scalar(
        connectionString,
        $"""
        insert into orleans.orleansmembershipversiontable (deploymentid) values ('c');
        insert into orleans.orleansmembershiptable
            (deploymentid, address, port, generation, siloname, hostname, status, proxyport, starttime, iamalivetime)
        values {string.Join(", ", silos.Select(silo => $"('c', '{silo.Address}', {silo.Port}, 1, 'silo', 'h', 3, 1, now(), now())"))}
        """);

    private static async Task<IEnumerable<string>> NotDead(string connectionString)
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(connectionString);
        return (await new SiloTable(database, "c").NotDead()).Select(silo => $"{silo.Address}:{silo.Port}").Order();
    }

    private static async Task<object?> Scalar(string connectionString, string sql)
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(connectionString);
        await using NpgsqlCommand command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}

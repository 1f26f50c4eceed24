using System.Net;
using Npgsql;
using Sessions.Host.Database;
using Sessions.Postgres.Membership;

namespace Sessions.Tests.Host;

public sealed class BootstrapTests(TestPostgres postgres)
{
    [Fact]
    public async Task Preparing_again_keeps_one_project_with_the_newest_token_and_a_reader_that_logs_in()
    {
        string connectionString = await postgres.CreateEmptyDatabase();
        await Bootstrap.PrepareDatabase(connectionString, "phc_old", "sk", "reader-password", default);

        (string reader, string token) = await Bootstrap.PrepareDatabase(connectionString, "phc_new", "sk", "reader-password", default);

        Assert.Equal("phc_new", token);
        Assert.Equal("default phc_new", await Scalar(connectionString, "select string_agg(project || ' ' || token, ',') from tracking.projects"));
        Assert.Equal(0L, await Scalar(reader, "select count(*) from sessions"));
    }

    [Fact]
    public async Task A_token_that_was_changed_since_stays_until_the_configuration_says_another()
    {
        string connectionString = await postgres.CreateEmptyDatabase();
        await Bootstrap.PrepareDatabase(connectionString, "phc_configured", "sk", "reader-password", default);
        await Scalar(connectionString, "update tracking.projects set token = 'phc_changed'");

        (_, string kept) = await Bootstrap.PrepareDatabase(connectionString, "phc_configured", "sk", "reader-password", default);
        (_, string replaced) = await Bootstrap.PrepareDatabase(connectionString, "phc_other", "sk", "reader-password", default);

        Assert.Equal(("phc_changed", "phc_other"), (kept, replaced));
    }

    [Fact]
    public async Task A_silo_of_this_machine_where_nobody_listens_is_buried_and_others_are_left_alone()
    {
        string connectionString = await postgres.CreateDatabase();
        using System.Net.Sockets.TcpListener alive = new(IPAddress.Loopback, 0);
        alive.Start();
        int port = ((IPEndPoint)alive.LocalEndpoint).Port;
        await Scalar(
            connectionString,
            $"""
            insert into orleans.orleansmembershipversiontable (deploymentid) values ('c');
            insert into orleans.orleansmembershiptable
                (deploymentid, address, port, generation, siloname, hostname, status, proxyport, starttime, iamalivetime)
            values ('c', '127.0.0.1', {port}, 1, 'alive', 'h', 3, 1, now(), now()),
                   ('c', '127.0.0.1', 1, 1, 'gone', 'h', 3, 1, now(), now()),
                   ('c', '192.0.2.1', 1, 1, 'elsewhere', 'h', 3, 1, now(), now())
            """);

        int buried = await DeadSilos.Bury(connectionString, "c", default);

        Assert.Equal(1, buried);
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(connectionString);
        Assert.Equal(
            ["127.0.0.1", "192.0.2.1"],
            (await new SiloTable(database, "c").NotDead()).Select(silo => silo.Address.ToString()).Order());
        Assert.Equal(1, await Scalar(connectionString, "select version from orleans.orleansmembershipversiontable"));
    }

    private static async Task<object?> Scalar(string connectionString, string sql)
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(connectionString);
        await using NpgsqlCommand command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}

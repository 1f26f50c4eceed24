using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sessions.Database;
using Sessions.Host.Configuration;
using Sessions.Host.Database;
using Sessions.Host.Roles;

namespace Sessions.Tests.Host.Database;

/// <summary>The pools have as many connections as the limits let work at the same time, and the server has room for all.</summary>
public sealed class ConnectionPlanTests
{
    [Fact]
    public void The_pool_of_queries_has_a_connection_for_each_that_may_run()
    {
        ConnectionPlan few = Plan(("Sessions:Query:AtOnce", "1"), ("Sessions:Export:AtOnce", "1"), ("Sessions:Lists:AtOnce", "1"));
        ConnectionPlan more = Plan(("Sessions:Query:AtOnce", "11"), ("Sessions:Export:AtOnce", "3"), ("Sessions:Lists:AtOnce", "5"));

        Assert.Equal(16, more.Questions - few.Questions);
        Assert.True(few.Questions > 3);
    }

    [Fact]
    public void A_silo_has_writers_and_a_gateway_has_queries_and_sql()
    {
        IConfiguration configuration = new ConfigurationBuilder().Build();
        ConnectionPlan silo = ConnectionPlan.Of(configuration, hasSilo: true, hasGateway: false);
        ConnectionPlan gateway = ConnectionPlan.Of(configuration, hasSilo: false, hasGateway: true);

        Assert.Equal((0, 0), (silo.Questions, silo.Sql));
        Assert.Equal(0, gateway.Writers);
        Assert.True(silo.Writers > 0 && gateway.Questions > 0 && gateway.Sql > 0);
    }

    [Fact]
    public async Task A_gateways_pools_have_the_planned_sizes()
    {
        await using ServiceProvider services = RoleHost.GatewayBuilder(new Dictionary<string, string?>
        {
            [RoleConfiguration.Postgres] = "Host=127.0.0.1;Port=1;Database=none;Username=none",
            ["Postgres:Connections"] = "17",
            ["Sessions:Query:AtOnce"] = "30",
        }).Services.BuildServiceProvider();

        Assert.Equal(17, SizeOf(services.GetRequiredService<NpgsqlDataSource>()));
        Assert.InRange(SizeOf(services.GetRequiredService<QueryDataSource>().Source), 40, 50);
    }

    [Theory]
    [InlineData(0, 0, 97)]
    [InlineData(3, 2, 450)]
    public void The_defaults_fit_a_server(int silos, int gateways, int allowed) =>
        Assert.Null(Sessions.Run.Supervision.ClusterPlan.Needs(silos, gateways).Fault(allowed));

    [Fact]
    public void A_server_that_is_too_small_is_named_with_the_number_that_it_needs()
    {
        string? fault = new ConnectionNeeds(Program: 310, Writers: 18).Fault(allowed: 97);

        Assert.Contains("310 connections", fault, StringComparison.Ordinal);
        Assert.Contains("allows them 97", fault, StringComparison.Ordinal);
        Assert.Contains("max_connections to 360", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(15, 310, "max_connections = 381", false)]
    [InlineData(16, 310, "max_connections = 381", true)]
    [InlineData(17, 0, "max_connections = 300", false)]
    public void A_private_server_has_room_for_all_and_reserves_the_writers_connections_where_it_can(
        int version, int program, string expected, bool reserves)
    {
        string settings = PostgresSettings.Compose(
            20_000, 1 << 30, version, new ConnectionNeeds(program, program == 0 ? 0 : 18), new Dictionary<string, string>());

        Assert.Contains($"\n{expected}\n", settings, StringComparison.Ordinal);
        Assert.Equal(reserves, settings.Contains("\nreserved_connections = 18\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Postgres:Connections", "3")]
    [InlineData("Postgres:Connections", "1001")]
    [InlineData("Sessions:Lists:AtOnce", "0")]
    [InlineData("Sessions:Sql:AtOnce", "many")]
    public void A_wrong_number_is_named(string setting, string value) =>
        Assert.Contains(setting, Assert.Throws<ConfigurationException>(() => Plan((setting, value))).Message, StringComparison.Ordinal);

    private static int SizeOf(NpgsqlDataSource source) => new NpgsqlConnectionStringBuilder(source.ConnectionString).MaxPoolSize;

    private static ConnectionPlan Plan(params (string Name, string Value)[] settings) => ConnectionPlan.Of(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(one => KeyValuePair.Create(one.Name, (string?)one.Value))).Build(),
        hasSilo: true,
        hasGateway: true);
}

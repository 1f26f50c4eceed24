using Npgsql;
using Sessions.Host.Configuration;
using Sessions.Host.Database;

namespace Sessions.Tests.Host;

public sealed class PatientStartTests(TestPostgres postgres)
{
    private const string Nowhere = "Host=127.0.0.1;Port=9;Timeout=1";

    [Fact]
    public async Task A_step_that_fails_because_the_server_is_not_up_yet_is_retried()
    {
        int attempts = 0;

        int done = await new PatientStart(TimeSpan.FromMinutes(1), TimeProvider.System).Do(
            Nowhere,
            () => ++attempts switch
            {
                1 => throw new TimeoutException(),
                2 => throw new NpgsqlException("late", new TimeoutException()),
                _ => Task.FromResult(attempts),
            },
            default);

        Assert.Equal(3, done);
    }

    [Fact]
    public async Task An_unreachable_server_gives_an_error_with_host_port_and_reason()
    {
        InvalidOperationException failure = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            new PatientStart(TimeSpan.Zero, TimeProvider.System).Do(Nowhere, () => Connect(Nowhere), default));

        string said = RoleConfiguration.Reason(failure);
        Assert.Contains("Postgres at 127.0.0.1:9 could not be reached within 0 s", said, StringComparison.Ordinal);
        Assert.Contains("refused", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_database_is_an_error_at_once()
    {
        string wrong = new NpgsqlConnectionStringBuilder(await postgres.CreateEmptyDatabase()) { Database = "is_not_there" }.ConnectionString;

        PostgresException refused = await Assert.ThrowsAsync<PostgresException>(() =>
            new PatientStart(TimeSpan.FromHours(1), TimeProvider.System).Do(wrong, () => Connect(wrong), default));

        Assert.Equal(PostgresErrorCodes.InvalidCatalogName, refused.SqlState);
    }

    private static async Task Connect(string connectionString)
    {
        await using NpgsqlConnection connection = new(connectionString);
        await connection.OpenAsync();
    }
}

using Npgsql;
using Sessions.Database;

namespace Sessions.Host.Database;

/// <summary>Checks whether Postgres accepts a connection within two seconds.</summary>
internal sealed class PostgresProbe(string connectionString, TimeProvider time)
{
    private const int TimeoutSeconds = 2;

    // One attempt may fail on a busy machine.
    private const int Looks = 2;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(0.5);

    private readonly string _connectionString = new NpgsqlConnectionStringBuilder(connectionString)
    {
        Pooling = false,
        Timeout = TimeoutSeconds,
        CommandTimeout = TimeoutSeconds,
        ApplicationName = "sessions probe",
    }.ConnectionString;

    /// <summary>Completes when Postgres does not answer, or when it is cancelled.</summary>
    public async Task WhenAway(CancellationToken cancel)
    {
        try
        {
            for (int failures = 0; failures < Looks;)
            {
                failures = await Answers(cancel) ? 0 : failures + 1;
                await Task.Delay(Period, time, cancel);
            }
        }
        catch (OperationCanceledException)
        {
            // The stop is complete.
        }
    }

    /// <summary>Whether Postgres answers now.</summary>
    public async Task<bool> Answers(CancellationToken cancel)
    {
        try
        {
            await using NpgsqlConnection connection = new(_connectionString);
            await connection.OpenAsync(cancel);
            return true;
        }
        catch (Exception away) when (PostgresAway.Is(away))
        {
            return false;
        }
    }
}

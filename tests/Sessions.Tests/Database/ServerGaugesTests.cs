using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sessions.Database.Server;

namespace Sessions.Tests.Database;

/// <summary>What ends with a Postgres that takes nothing any more is measured.</summary>
public sealed class ServerGaugesTests(TestPostgres postgres)
{
    [Fact]
    public async Task The_oldest_transaction_and_the_age_of_transaction_ids_are_metrics()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string connection = await postgres.SharedDatabase();
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(connection);
        await using NpgsqlConnection forgetful = await database.OpenConnectionAsync(cancellation);
        await using NpgsqlTransaction open = await forgetful.BeginTransactionAsync(cancellation);
        // Postgres says itself when the transaction began, so the test does not wait.
        await using NpgsqlCommand age = new("select extract(epoch from clock_timestamp() - now())::double precision, pg_sleep(0.05)", forgetful, open);
        await age.ExecuteScalarAsync(cancellation);
        using TestMeters meters = new();
        Dictionary<string, double> seen = [];
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Scope == meters)
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.Start();
        using ServerGauges gauges = new(database, meters, TimeProvider.System, NullLogger<ServerGauges>.Instance);
        listener.RecordObservableInstruments();
        Assert.Empty(seen);

        await gauges.Measure(cancellation);
        listener.RecordObservableInstruments();

        Assert.InRange(seen["sessions.postgres.oldest_transaction"], 0.05, 3600);
        Assert.InRange(seen["sessions.postgres.frozen.age"], 1, 2_000_000_000);
    }
}

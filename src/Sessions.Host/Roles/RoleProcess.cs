using System.Diagnostics;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Host.Configuration;
using Sessions.Host.Database;
using Sessions.Postgres.Migrations;

namespace Sessions.Host.Roles;

/// <summary>A process with one role, run by a supervisor, a container or by hand.</summary>
internal static class RoleProcess
{
    /// <summary>The line on standard output that says that the role is at work.</summary>
    public const string ReadyLine = "ready";

    /// <summary>The line on standard input that asks a supervised process to stop in order.</summary>
    public const string StopLine = "stop";

    // Orleans' own last steps go on for longer than the host lets it.
    private static readonly TimeSpan SignOff = TimeSpan.FromSeconds(5);

    public static async Task Run(Invocation.Role role)
    {
        if (role.Name == CommandLine.Migrate)
        {
            await Migrate();
            return;
        }

        using IHost host = role.Name == CommandLine.Silo ? RoleHost.Silo() : RoleHost.Gateway();
        if (role.Supervised)
        {
            ListenToSupervisor(host.Services.GetRequiredService<IHostApplicationLifetime>());
        }

        EndInTime(host);
        CancellationToken stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        try
        {
            await RequireSchema(host.Services.GetRequiredService<IConfiguration>(), canWait: role.Name != CommandLine.Silo, stopping);
            await host.StartAsync();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Told to stop while starting.
            return;
        }

        await Console.Out.WriteLineAsync(ReadyLine);
        await host.WaitForShutdownAsync();
    }

    /// <summary>
    /// Who can't sign off, with Postgres away, ends all the same: a silo that goes on stopping is one that its fellows
    /// count on and that answers nothing.
    /// </summary>
    private static void EndInTime(IHost host)
    {
        TimeSpan patience = host.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout + SignOff;
        TimeProvider time = host.Services.GetService<TimeProvider>() ?? TimeProvider.System;
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => _ = KillAfter(patience, time));
    }

    private static async Task KillAfter(TimeSpan patience, TimeProvider time)
    {
        await Task.Delay(patience, time);
        Process.GetCurrentProcess().Kill();
    }

    /// <summary>A version that is newer than its database's schema would fail in some of its statements, and not in others.</summary>
    /// <param name="configuration">Where Postgres is.</param>
    /// <param name="canWait">Whether the process may start without Postgres: a gateway answers 503 until it is there.</param>
    /// <param name="stopping">Gives up.</param>
    /// <exception cref="InvalidOperationException">The schema is older, or Postgres can't be reached.</exception>
    private static async Task RequireSchema(IConfiguration configuration, bool canWait, CancellationToken stopping)
    {
        string postgres = configuration.RequirePostgres();
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(postgres) { Pooling = false });
        IReadOnlyList<string> missing;
        try
        {
            missing = canWait
                ? await Migrator.Missing(database, stopping)
                : await Patient(configuration).Do(postgres, () => Migrator.Missing(database, stopping), stopping);
        }
        catch (Exception away) when (canWait && (away is NpgsqlException or TimeoutException))
        {
            // Nobody can tell; without Postgres the process takes nothing, and says so.
            return;
        }

        if (missing.Count > 0)
        {
            throw new InvalidOperationException(
                $"the database's schema is older than this version, {ProductVersion.Number}: {missing.Count} steps from {missing[0]} on are missing; run migrate first");
        }
    }

    private static async Task Migrate()
    {
        ConfigurationManager configuration = new();
        configuration.AddRole(CommandLine.Migrate);
        DefaultProjectSettings project = configuration.Read<DefaultProjectSettings>(DefaultProjectSettings.Section);
        string postgres = configuration.RequirePostgres();
        await Patient(configuration).Do(
            postgres,
            () => Bootstrap.PrepareDatabase(postgres, project.Token, project.ApiKey, project.ReaderPassword, CancellationToken.None),
            CancellationToken.None);
    }

    private static PatientStart Patient(IConfiguration configuration) =>
        new(configuration.Read<PostgresStartSettings>(PostgresStartSettings.Section).StartPatience, TimeProvider.System);

    private static void ListenToSupervisor(IHostApplicationLifetime lifetime)
    {
        // A thread of its own, because a read from the console can't be called off.
        Thread listener = new(() =>
        {
            while (Console.In.ReadLine() is { } line)
            {
                if (line == StopLine)
                {
                    lifetime.StopApplication();
                    return;
                }
            }

            // The supervisor is dead. Whoever starts it again needs our ports, and what we have answered is safe:
            // ending now is no worse than being killed, which everything here is built to survive.
            Process.GetCurrentProcess().Kill();
        })
        {
            IsBackground = true,
            Name = "supervisor",
        };
        listener.Start();
    }
}

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
        await RequireSchema(host.Services.GetRequiredService<IConfiguration>());
        try
        {
            await host.StartAsync();
        }
        catch (OperationCanceledException) when (host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested)
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
    /// <exception cref="InvalidOperationException">The schema is older.</exception>
    private static async Task RequireSchema(IConfiguration configuration)
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(configuration.RequirePostgres()) { Pooling = false });
        try
        {
            if (await Migrator.Missing(database) is { Count: > 0 } missing)
            {
                throw new InvalidOperationException(
                    $"the database's schema is older than this version, {ProductVersion.Number}: {missing.Count} steps from {missing[0]} on are missing; run migrate first");
            }
        }
        catch (Exception away) when (away is NpgsqlException or TimeoutException)
        {
            // Nobody can tell; without Postgres the process takes nothing, and says so.
        }
    }

    private static async Task Migrate()
    {
        ConfigurationManager configuration = new();
        configuration.AddRole(CommandLine.Migrate);
        DefaultProjectSettings project = configuration.Read<DefaultProjectSettings>(DefaultProjectSettings.Section);
        await Bootstrap.PrepareDatabase(
            configuration.RequirePostgres(), project.Token, project.ApiKey, project.ReaderPassword, CancellationToken.None);
    }

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

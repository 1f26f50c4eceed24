using System.ComponentModel.DataAnnotations;
using Sessions.Database.Connections;

namespace Sessions.Host.Configuration;

/// <summary>The configuration is not valid; the message is one line for the user.</summary>
internal sealed class ConfigurationException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Reads a process's configuration: <c>silo-config/shared.json</c>, then its role's file, then environment variables,
/// then the settings that its supervisor chose. Later ones override earlier ones.
/// </summary>
internal static class RoleConfiguration
{
    public const string Postgres = "ConnectionStrings:Postgres";

    /// <summary>
    /// The connection string of a superuser. <c>migrate</c> makes the program's role and database with it; no other role
    /// reads it.
    /// </summary>
    public const string Administrator = "ConnectionStrings:Administrator";

    /// <summary>The file of a process that is both silo and gateway.</summary>
    public const string All = "all";

    /// <exception cref="ConfigurationException">A file can't be read.</exception>
    public static void AddRole(
        this IConfigurationManager configuration, string role, IReadOnlyDictionary<string, string?>? decided = null)
    {
        string directory = Path.Combine(AppContext.BaseDirectory, "silo-config");
        configuration.Sources.Clear();
        try
        {
            configuration
                .AddJsonFile(Path.Combine(directory, "shared.json"), optional: false)
                .AddJsonFile(Path.Combine(directory, $"{role}.json"), optional: true)
                .AddEnvironmentVariables()
                .AddInMemoryCollection(decided);
        }
        catch (Exception unreadable) when (unreadable is InvalidDataException or IOException)
        {
            throw new ConfigurationException(FirstLine(unreadable), unreadable);
        }
    }

    /// <summary>Reads a section into its settings and checks them.</summary>
    /// <exception cref="ConfigurationException">A value has the wrong type or is out of its range.</exception>
    public static T Read<T>(this IConfiguration configuration, string section)
        where T : class, new()
    {
        T settings;
        try
        {
            settings = configuration.GetSection(section).Get<T>() ?? new T();
        }
        catch (InvalidOperationException wrongKind)
        {
            throw new ConfigurationException(FirstLine(wrongKind), wrongKind);
        }

        List<ValidationResult> faults = [];
        return Validator.TryValidateObject(settings, new ValidationContext(settings), faults, validateAllProperties: true)
            ? settings
            : throw new ConfigurationException($"{section}:{faults[0].MemberNames.FirstOrDefault()}: {faults[0].ErrorMessage}");
    }

    /// <summary>The connection string to Postgres.</summary>
    /// <exception cref="ConfigurationException">The connection string is missing or malformed.</exception>
    public static string RequirePostgres(this IConfiguration configuration)
    {
        string connectionString = configuration[Postgres]
            ?? throw new ConfigurationException($"{Postgres} is not set; set it, for example with the environment variable ConnectionStrings__Postgres");
        return CommandLine.ConnectionStringFault(connectionString) is { } fault
            ? throw new ConfigurationException($"{Postgres}: {fault}")
            : PostgresAddress.Complete(connectionString);
    }

    /// <summary>The message and that of its cause, on one line.</summary>
    public static string Reason(Exception exception)
    {
        string message = FirstLine(exception);
        string cause = FirstLine(exception.GetBaseException());
        return message.Contains(cause, StringComparison.Ordinal) ? message : $"{message} ({cause})";
    }

    /// <summary>The message on one line.</summary>
    public static string FirstLine(Exception exception) => exception.Message.ReplaceLineEndings(" ").Trim();
}

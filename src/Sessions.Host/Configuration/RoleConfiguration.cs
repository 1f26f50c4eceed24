using System.ComponentModel.DataAnnotations;

namespace Sessions.Host.Configuration;

/// <summary>The configuration is not usable; the message is one line for a person.</summary>
internal sealed class ConfigurationException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Where a process's configuration comes from: <c>silo-config/shared.json</c>, then its role's file, then environment
/// variables, then what its supervisor decided.
/// </summary>
internal static class RoleConfiguration
{
    public const string Postgres = "ConnectionStrings:Postgres";

    /// <summary>The file of silo and gateway in one process.</summary>
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
    /// <exception cref="ConfigurationException">A value is of the wrong kind or out of its range.</exception>
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
    /// <exception cref="ConfigurationException">There is none, or it is malformed.</exception>
    public static string RequirePostgres(this IConfiguration configuration)
    {
        string connectionString = configuration[Postgres]
            ?? throw new ConfigurationException($"{Postgres} is not set; set the environment variable ConnectionStrings__Postgres");
        return CommandLine.ConnectionStringFault(connectionString) is { } fault
            ? throw new ConfigurationException($"{Postgres}: {fault}")
            : connectionString;
    }

    /// <summary>The message and what caused it, on one line.</summary>
    public static string Reason(Exception exception)
    {
        string message = FirstLine(exception);
        string cause = FirstLine(exception.GetBaseException());
        return message.Contains(cause, StringComparison.Ordinal) ? message : $"{message} ({cause})";
    }

    /// <summary>The message on one line.</summary>
    public static string FirstLine(Exception exception) => exception.Message.ReplaceLineEndings(" ").Trim();
}

using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sessions.Host.Supervision;

/// <summary>What is made up once and then kept: the passwords on the private Postgres, the default project's token and key.</summary>
internal sealed record Secrets
{
    private const string FileName = "secrets.json";
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int Length = 43; // of 62 letters: 256 bits

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    /// <summary>What browsers send. Public.</summary>
    [JsonPropertyName("project_token")]
    public required string ProjectToken { get; init; }

    /// <summary>What the API takes.</summary>
    [JsonPropertyName("api_key")]
    public required string ApiKey { get; init; }

    /// <summary>The private Postgres' superuser.</summary>
    [JsonPropertyName("postgres_admin_password")]
    public required string AdminPassword { get; init; }

    /// <summary>The program's own role on the private Postgres.</summary>
    [JsonPropertyName("postgres_password")]
    public required string OwnerPassword { get; init; }

    /// <summary>The default project's SQL reader.</summary>
    [JsonPropertyName("postgres_reader_password")]
    public required string ReaderPassword { get; init; }

    /// <summary>Reads the directory's secrets, or makes them. The file is for its owner's eyes only.</summary>
    /// <exception cref="InvalidOperationException">The file is there and can't be understood.</exception>
    public static Secrets LoadOrCreate(string directory)
    {
        string file = Path.Combine(directory, FileName);
        if (File.Exists(file))
        {
            return Read(file);
        }

        Secrets made = new()
        {
            ProjectToken = "phc_" + Random(),
            ApiKey = "sk_" + Random(),
            AdminPassword = Random(),
            OwnerPassword = Random(),
            ReaderPassword = Random(),
        };
        PrivateFile.Write(file, JsonSerializer.Serialize(made, Format));
        return made;
    }

    private static Secrets Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<Secrets>(File.ReadAllText(file))
                ?? throw new JsonException("it is empty");
        }
        catch (JsonException malformed)
        {
            // Making new ones would lock us out of the Postgres that knows the old.
            throw new InvalidOperationException($"{file} can't be read: {malformed.Message}", malformed);
        }
    }

    private static string Random() => RandomNumberGenerator.GetString(Alphabet, Length);
}

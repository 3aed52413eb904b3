"""Names that columns of personal data have, in several languages, and what kind of data each stands for."""

from __future__ import annotations

from typing import Final

# English; German; French; Spanish; Italian; Dutch; Portuguese; Polish; Swedish, Danish and Norwegian; Czech; Russian
_WORDS: Final = {
    "e-mail": (
        "email mail emailaddress mailaddress emailadres emailadresse courriel correo correoelectronico posta "
        "postaelettronica epost epostadress mejl adresmail электроннаяпочта почта",
        0.7,
    ),
    "telephone": (
        "phone telephone tel mobile mobilephone cell cellphone fax telefon telefonnummer handy mobil rufnummer "
        "telefono telefoon telefoonnummer telefone telemovel celular komorka portable movil cellulare gsm mobilnummer "
        "handynummer telefonnr telefoonnr telefonu fonnummer faxnummer faxnr phoneno телефон мобильныи",
        0.65,
    ),
    "name of a person": (
        "firstname lastname surname forename givenname familyname fullname middlename maidenname contactname "
        "vorname nachname familienname geburtsname zuname prenom nomdefamille nomprenom nombre apellido apellidos "
        "nome cognome sobrenome apelido voornaam achternaam tussenvoegsel imie nazwisko fornamn efternamn fornavn "
        "efternavn etternavn jmeno prijmeni patient patientname employeename membername studentname fname lname "
        "фамилия имя отчество фио",
        0.6,
    ),
    "date of birth": (
        "dob birthdate dateofbirth birthday birth geburtsdatum geburtstag gebdat gebdatum datenaissance "
        "datedenaissance naissance fechanacimiento fechadenacimiento nacimiento datadinascita nascita datanascita "
        "geboortedatum geboorte datanascimento nascimento dataurodzenia dataur fodelsedatum fodselsdato datumnarozeni "
        "датарождения",
        0.8,
    ),
    "national number": (
        "ssn socialsecurity socialsecuritynumber nationalid nationalinsurance nino nhs nhsnumber taxid "
        "sozialversicherungsnummer svnr svnummer steuerid steuernummer nir numerosecu securitesociale insee dni nif "
        "nie codicefiscale bsn burgerservicenummer sofinummer rijksregisternummer pesel nip personnummer cpr cprnummer "
        "fodselsnummer rodnecislo cpf avs ahv ahvnummer oib jmbg cnp egn personnr fodselsnr sozversnr снилс инн",
        0.8,
    ),
    "bank account": (
        "iban bic bankaccount accountnumber creditcard cardnumber kontonummer bankkonto bankverbindung kreditkarte "
        "comptebancaire cuentabancaria contocorrente rekeningnummer bankrekening numerkonta kontonr bankkontonr rib",
        0.7,
    ),
    "identity document": (
        "passport passportnumber drivinglicence driverslicense licensenumber reisepass ausweis ausweisnummer "
        "personalausweis fuehrerschein passeport permisdeconduire pasaporte passaporto patente paspoort rijbewijs "
        "paszport dowodosobisty pas паспорт",
        0.7,
    ),
    "address": (
        "street address address1 address2 streetaddress homeaddress zip zipcode postcode postalcode strasse adresse "
        "anschrift hausnummer plz postleitzahl wohnort rue codepostal calle direccion codigopostal domicilio via "
        "indirizzo cap straat adres woonplaats huisnummer rua endereco ulica kodpocztowy gata postnummer adress "
        "адрес улица индекс",
        0.45,
    ),
    "health": (
        "diagnosis disease illness medication bloodgroup bloodtype allergies disability diagnose krankheit medikament "
        "blutgruppe behinderung allergien diagnostic maladie groupesanguin diagnostico enfermedad malattia ziekte "
        "handicap choroba icd10",
        0.6,
    ),
    "belief, origin or sex": (
        "religion ethnicity race nationality gender sex maritalstatus konfession nationalitaet geschlecht "
        "familienstand staatsangehoerigkeit religione nazionalita sesso nationalite sexe etatcivil nacionalidad sexo "
        "estadocivil nationaliteit geslacht burgerlijkestaat wyznanie plec kon",
        0.5,
    ),
    "pay": (
        "salary wage wages payrate bonus gehalt lohn bruttolohn verguetung salaire remuneration salario sueldo "
        "stipendio retribuzione salaris loon ordenado wynagrodzenie pensja lon plat",
        0.55,
    ),
    "sign-in": (
        "password passwd pwd pin username login passwort kennwort benutzername motdepasse identifiant contrasena "
        "usuario wachtwoord gebruikersnaam senha haslo losenord kodeord heslo",
        0.6,
    ),
}
NAMES: Final[dict[str, tuple[str, float]]] = {
    word: (kind, confidence) for kind, (words, confidence) in _WORDS.items() for word in words.split()
}
"""what a column's name without accents, signs and case stands for, and how sure that is"""

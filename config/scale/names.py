"""What people, teams and places are called in made-up directories."""

_GIVEN = """
Aaron Abena Adam Agnes Ahmed Aiko Ajay Alba Alejandro Amara Amelia Amina Anastasia André Anika Anna Anton Aoife Arjun
Astrid Aurélie Ayşe Beatriz Björn Bogdan Camille Carlos Caroline Chiara Chidi Chloé Christoph Clara Daniel Daria David
Diego Dmitri Ebba Edward Eleni Elif Emma Emre Erik Esther Fatima Felix Femi Finn Francesca Frida Gabriel George Giulia
Grace Hannah Haruto Hassan Helena Henrik Hugo Ibrahim Ines Ingrid Isabel Ivan Jakub Jana Javier Jelena Jens Jin Joana
Johanna Jonas José Julia Kamal Karin Katarzyna Kenji Kofi Kwame Lars Laura Leila Lena Léon Liam Lin Linnea Lorenzo
Lucas Lucía Magnus Mai Malik Marek Maria Marta Mateo Maya Mehmet Mei Mikael Milan Min Mohamed Nadia Nathan Ngozi
Nikolai Nils Noah Noémie Nora Olga Oliver Omar Oscar Paula Pedro Petra Pierre Priya Rachel Rafael Rahul Ravi Rebecca
Rosa Ruth Samir Samuel Sara Sebastian Sigrid Simon Sofia Stefan Sven Tariq Teresa Thomas Tomás Ulrike Vera Victor
Viktoria Wanjiru Wei William Yasmin Yuki Yusuf Zainab Zofia Zoë
"""
_FAMILY = """
Abe Adeyemi Ahmadi Albrecht Almeida Andersson Angelov Arslan Bailey Bakker Banerjee Bauer Becker Bennett Berg
Bergström Bianchi Blanc Bondarenko Brandt Brown Bruno Campbell Cardoso Carter Castillo Chavez Chen Choi Clarke Conti
Costa Cruz Da-Silva Dahl Demir Diaz Diop Dubois Dvořák Eriksen Estrada Evans Faber Farah Fernández Ferrari Fischer
Fontaine Foster Fournier Fuchs Gallo García Girard González Graf Gruber Gupta Gutiérrez Haas Haddad Hansen Hartmann
Hassan Hayashi Heikkinen Hernández Hoffmann Horvat Hughes Ibarra Ito Ivanov Jackson Jansen Jensen Jiménez Johansson
Jones Kaplan Kaur Kaya Keller Khan Kim Klein Koch Kovács Kowalski Krause Kruger Kumar Lambert Larsen Laurent Lefebvre
Lehmann Lewandowski Li Lindqvist Liu Lombardi López Lund Ma Maier Malik Marín Marino Martin Martínez Mbeki Mendes
Mensah Meyer Mitchell Molina Moreau Moretti Morris Müller Murphy Mwangi Nakamura Navarro Neumann Nguyen Nielsen Novák
Nowak Núñez O'Brien Oduya Okafor Olsen Ortiz Osei Owusu Papadopoulos Park Patel Pereira Petersen Petrov Popescu Quinn
Rahman Ramírez Ramos Reddy Ricci Rivera Robinson Romano Rossi Roux Ruiz Sánchez Santos Sato Schäfer Schmidt Schneider
Schulz Sharma Silva Simić Singh Smith Sørensen Suzuki Svensson Takahashi Tanaka Taylor Thompson Torres Tran Turner
Unger Vargas Vasquez Vogel Wagner Walker Wang Watanabe Weber Weiß Wieczorek Williams Wilson Winter Wolf Wright Wu
Yamamoto Yilmaz Young Zhang Zhou Ziegler Zimmermann
"""
_DEPARTMENTS = """
Accounting Audit Design Engineering Facilities Field-service Finance Human-resources Legal Logistics Manufacturing
Marketing Operations Procurement Quality Research Sales Security Support Training
"""
_CITIES = """
Amsterdam Athens Barcelona Berlin Bogotá Brussels Budapest Copenhagen Dublin Hamburg Helsinki Istanbul Lagos Lisbon
London Lyon Madrid Milan Nairobi Oslo Paris Prague Porto Rome Stockholm Toronto Vienna Vilnius Warsaw Zürich
"""

GIVEN = tuple(_GIVEN.split())
FAMILY = tuple(_FAMILY.split())
DEPARTMENTS = tuple(_DEPARTMENTS.split())
CITIES = tuple(_CITIES.split())
